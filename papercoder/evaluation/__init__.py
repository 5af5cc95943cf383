"""What evaluation computes without asking anybody: rubrics and their arithmetic, merged critiques, reports."""
