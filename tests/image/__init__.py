"""Board files, manifests, the configuration block, recipes: all that happens before a machine starts."""
