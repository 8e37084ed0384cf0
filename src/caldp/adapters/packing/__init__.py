"""Adapters of the port Packer."""
