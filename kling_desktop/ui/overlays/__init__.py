"""What lies over a page: dialogs, sheets, menus and notices."""
