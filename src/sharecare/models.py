"""Every room's tables, for Alembic and the tests."""

from sqlmodel import SQLModel

import sharecare.accounts.models
import sharecare.areas.models
import sharecare.availability.models
import sharecare.care.day_models
import sharecare.care.models
import sharecare.certification.models
import sharecare.idempotency
import sharecare.incidents.models
import sharecare.insurance.models
import sharecare.journal.models
import sharecare.mark
import sharecare.messages.models
import sharecare.metrics.models
import sharecare.trust.models  # noqa: F401  -- importing registers the tables

metadata = SQLModel.metadata
