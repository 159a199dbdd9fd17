"""What billing does, one function a use case, each in the caller's transaction."""
