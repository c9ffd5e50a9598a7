"""What each default is worth: runs in which one option differs."""
