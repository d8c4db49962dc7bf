"""Prompts as pure functions between values and text."""
