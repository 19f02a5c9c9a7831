"""What bytes really are."""
