"""What tests at every level share: servers, processes, builders. Nothing here is a test."""
