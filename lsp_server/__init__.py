"""Fathom: a language server that brings Qwen3-Coder to every editor."""

__version__ = "0.1.0"
