"""For tests of the pages: browsers, and requests without one."""
