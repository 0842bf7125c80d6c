"""The command suyuan."""
