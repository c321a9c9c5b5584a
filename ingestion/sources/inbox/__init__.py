"""Files that people bring: exports of vendors, dropped into the home's inbox."""
