"""What a run would do, said before it: nothing here fetches, writes or loads a model."""
