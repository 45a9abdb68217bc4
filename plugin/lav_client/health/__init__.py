"""What `lav doctor` looks at: each module yields checks of one kind, in the order they are told."""
