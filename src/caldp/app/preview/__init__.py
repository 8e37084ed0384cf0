"""The use case that draws previews of given files."""
