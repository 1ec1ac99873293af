"""Results to reports: the page, JUnit, Allure's extras, live progress."""
