"""Rules about what loaders do by themselves: old addresses, mirrors, downgrades."""
