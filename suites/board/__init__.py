"""BRD: what a board has to bring, asked on the bare machine: the image under test has no part in it."""
