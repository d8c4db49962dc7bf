"""The terminal shell, one file a command."""

def main() -> None:
    raise SystemExit(2)
