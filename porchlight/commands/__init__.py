"""The subcommands of `porchlight`, one module each."""
