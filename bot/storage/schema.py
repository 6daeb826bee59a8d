"""What all tables share. Times are epoch seconds of the database, money integer micro-dollars."""

from sqlalchemy import BigInteger, Integer, MetaData

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

Snowflake = BigInteger
Money = BigInteger
# SQLite numbers rows by itself only where the key is spelled INTEGER.
Number = BigInteger().with_variant(Integer, "sqlite")
