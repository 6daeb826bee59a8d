"""The provider: Segmind's API, whatever shape it answers in."""
