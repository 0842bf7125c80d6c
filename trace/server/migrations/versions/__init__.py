"""Revisions, frozen once released. There is no way back but a backup."""
