"""The commands: parse, build, run, render, exit."""
