"""Upper limits that several packages hold to: each stands here once."""

from decimal import Decimal

MOST_CONCURRENCY = 16
"""Jobs that may be at the service at the same time."""
MOST_CAP_USD = Decimal(1_000_000)
"""The largest sum that a budget cap can be set to."""
LARGEST_VIDEO_BYTES = 2 * 1024**3
"""A download that grows beyond this is no clip of ours."""
DEFAULT_CACHE_MB = 2048
"""What posters and strips may take on the disk, until the user sets another size."""
LARGEST_SEED = 2**64
HIGHEST_COST_USD = Decimal(100_000)
"""A clip that claims to have cost this much or more has stated no cost."""
LONGEST_RETRY_AFTER_S = 3600.0
"""A longer Retry-After is cut to this: a mistake of the service must not stop us for days."""
