"""Composition root: settings to objects to one ASGI application."""
