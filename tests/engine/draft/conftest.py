import sys
from pathlib import Path

# Under importlib mode a test folder is not on the path; its own drawn scenes should be.
sys.path.insert(0, str(Path(__file__).parent))
