# Two commands do everything: `make book` and `make test`. `make` alone lists the rest.
# Each is a command of .ci/do.py, which works without make, too: `py .ci/do.py book`.
PYTHON ?= python3
COMMANDS := help venv book test zh clock lint site-test site-all sheets pdf bench spark app serve lab mutants clean

.PHONY: $(COMMANDS)
$(COMMANDS):
	@$(PYTHON) .ci/do.py $@
