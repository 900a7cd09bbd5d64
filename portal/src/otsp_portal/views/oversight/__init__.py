"""What an authority looks after beside its cases: institutions, people, lists, figures, trails."""
