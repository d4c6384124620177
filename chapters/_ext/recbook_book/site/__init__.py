"""Facts kept from each page when it is read, and changes to the written site."""
