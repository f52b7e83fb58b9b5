from pathlib import Path

import pytest

from .conftest import Store
