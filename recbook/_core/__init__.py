"""What stands below all: nothing here imports another part of recbook."""
