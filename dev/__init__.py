"""What developers start beside the service."""
