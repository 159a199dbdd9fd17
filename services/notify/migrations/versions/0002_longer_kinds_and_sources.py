"""longer kinds and sources of deliveries"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    with op.batch_alter_table("deliveries") as batch:
        batch.alter_column("kind", existing_type=sa.String(length=20), type_=sa.String(length=40))
        batch.alter_column("source_id", existing_type=sa.String(length=36), type_=sa.String(length=100))
