"""The vault, on real files and real databases."""
