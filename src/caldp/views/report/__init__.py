"""Reports as pages of HTML that need nothing but themselves: no request, and no script to be read."""
