"""The judge: aspects, rubrics, verdicts, report and calibration."""
