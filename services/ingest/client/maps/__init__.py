"""`domicile geography import`: published lists of areas and of changes to them become events about areas."""
