"""mrm certify and mrm report, with real pytest runs over a suite of a few lines."""
