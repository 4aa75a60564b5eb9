"""The library: adding, checking, rebuilding, moving, and the receipts."""
