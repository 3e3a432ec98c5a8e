"""Sources and addresses: what is due, when, and who has it."""
