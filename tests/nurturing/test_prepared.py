"""A statement planned once per connection; where it got lost, the plain one does the same."""

import pytest
from django.db import connection, transaction

from nurturing.prepared import Prepared

ADD = Prepared("silo_test_add", "SELECT $1::int + $2::int, '50%' || $1::text")


@pytest.mark.django_db(transaction=True)
class TestPrepared:
    def test_the_first_and_the_second_run_say_the_same(self) -> None:
        assert ADD.rows([1, 2]) == ADD.rows([1, 2]) == [(3, "50%1")]
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_prepared_statements WHERE name = 'silo_test_add'")
            assert cursor.fetchone() == (1,)
            cursor.execute("SHOW enable_seqscan")
            assert cursor.fetchone() == ("on",)

    def test_a_pooler_that_forgot_it_costs_time_and_nothing_else(self) -> None:
        ADD.rows([1, 2])
        with connection.cursor() as cursor:
            cursor.execute("DEALLOCATE ALL")
        assert ADD.rows([2, 3]) == [(5, "50%2")]
        assert ADD.rows([3, 4]) == [(7, "50%3")]

    def test_a_pooler_that_has_it_already(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("DEALLOCATE ALL")
            cursor.execute("PREPARE silo_test_add AS SELECT $1::int + $2::int, '50%%' || $1::text", [])
        connection.close()  # another line to the server: what we remember is gone with the old one
        assert ADD.rows([4, 5]) == [(9, "50%4")]

    def test_inside_a_transaction_it_goes_as_plain_text(self) -> None:
        with transaction.atomic():
            assert ADD.rows([1, 2]) == [(3, "50%1")]
            assert ADD.rows([1, 3]) == [(4, "50%1")]
