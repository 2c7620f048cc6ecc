"""The rules: a folder a section of the guide, a module a rule."""

from archwise.rules.async_ import (
    async_without_await,
    blocking_call_on_event_loop,
    client_per_request,
    coroutine_never_awaited,
    cpu_bound_on_event_loop,
    lock_held_across_await,
    nested_event_loop,
    sequential_awaits_in_loop,
    superseded_async_library,
)
from archwise.rules.background import (
    async_task_function,
    closed_resource_in_background_task,
    dropped_task,
    enqueue_in_transaction,
    heavy_background_task,
    live_object_as_task_argument,
    task_called_directly,
    task_without_limit,
)
from archwise.rules.errors import (
    debug_mode_served,
    error_logged_without_trace,
    error_without_code,
    exception_swallowed,
    exception_text_in_response,
    exception_without_handler,
    inconsistent_error_bodies,
    secret_logged,
)
from archwise.rules.fastapi import (
    dependency_without_cleanup,
    pydantic_v1_api,
    repeated_current_user,
    response_without_schema,
    row_in_response,
    secret_in_response,
    session_in_endpoint,
    unguarded_change,
    unvalidated_body,
)
from archwise.rules.orm import (
    fields_repeated_in_models,
    form_view_by_hand,
    lazy_load_in_async_session,
    lazy_load_per_row,
    query_in_loop,
    query_repeated_in_views,
    relation_read_per_row,
    relation_read_per_row_in_template,
    relation_read_per_shown_row,
    rows_loaded_to_be_counted,
)
from archwise.rules.own import unreadable_file, unused_suppression
from archwise.rules.rule import Rule
from archwise.rules.selection import matching
from archwise.rules.structure import (
    business_logic_in_route,
    database_access_in_route,
    import_against_layers,
    import_cycle,
    reach_into_feature,
    service_knows_http,
    side_effect_on_import,
)
from archwise.rules.tests_ import (
    async_test_never_runs,
    endpoint_without_test,
    removed_client_argument,
    service_without_test,
    test_leaves_state,
    test_reaches_network,
)
from archwise.rules.types import (
    bare_dict_between_layers,
    conflicting_environment_default,
    environment_read_past_settings,
    none_default_without_optional,
    scattered_environment,
    untyped_public_attribute,
    untyped_public_function,
)

MODULES = (
    unreadable_file,
    unused_suppression,
    blocking_call_on_event_loop,
    cpu_bound_on_event_loop,
    async_without_await,
    nested_event_loop,
    coroutine_never_awaited,
    lock_held_across_await,
    client_per_request,
    sequential_awaits_in_loop,
    superseded_async_library,
    untyped_public_function,
    none_default_without_optional,
    environment_read_past_settings,
    conflicting_environment_default,
    untyped_public_attribute,
    bare_dict_between_layers,
    scattered_environment,
    import_against_layers,
    import_cycle,
    database_access_in_route,
    business_logic_in_route,
    service_knows_http,
    reach_into_feature,
    side_effect_on_import,
    relation_read_per_row,
    query_in_loop,
    relation_read_per_shown_row,
    relation_read_per_row_in_template,
    lazy_load_in_async_session,
    rows_loaded_to_be_counted,
    lazy_load_per_row,
    query_repeated_in_views,
    fields_repeated_in_models,
    form_view_by_hand,
    unvalidated_body,
    response_without_schema,
    row_in_response,
    secret_in_response,
    session_in_endpoint,
    dependency_without_cleanup,
    repeated_current_user,
    pydantic_v1_api,
    unguarded_change,
    dropped_task,
    task_called_directly,
    async_task_function,
    live_object_as_task_argument,
    enqueue_in_transaction,
    heavy_background_task,
    closed_resource_in_background_task,
    task_without_limit,
    exception_text_in_response,
    debug_mode_served,
    exception_without_handler,
    exception_swallowed,
    inconsistent_error_bodies,
    error_without_code,
    secret_logged,
    error_logged_without_trace,
    async_test_never_runs,
    removed_client_argument,
    test_reaches_network,
    endpoint_without_test,
    test_leaves_state,
    service_without_test,
)
"""A module a rule, in the order of their codes: each has a ``RULE`` and a ``check``."""

RULES: tuple[Rule, ...] = tuple(module.RULE for module in MODULES)

CLAIMS: dict[str, tuple[str, ...]] = {rule.code: rule.claims for rule in RULES}
"""The guide's claims that each rule enforces, by the rule's code."""


def by_selector(selector: str) -> tuple[Rule, ...]:
    """The rules that a code, a prefix of codes, a name or ``ALL`` means.

    Raises:
        UnknownSelectorError: no rule is called so.
    """
    return matching(selector, RULES)
