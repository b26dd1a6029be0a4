"""Conditions of a template may use `Fn::Join`.

The CDK bootstrap checks with `Fn::Join` whether execution policies were given. The emulator treats the function
itself as a text that is not empty, so its execution role received no policy instead of AdministratorAccess.
"""

from ministack.services.cloudformation import changesets, engine, handlers, stacks

from emulator.patching import wrap


def apply() -> None:
    for module in (changesets, engine, handlers, stacks):
        wrap(module, "_evaluate_conditions", ("template", "params"), _with_joins)


def _with_joins(evaluate_conditions):
    def evaluate(template, params):
        return evaluate_conditions({**template, "Conditions": _joined(template.get("Conditions", {}), params)}, params)

    return evaluate


def _joined(expression, params: dict):
    """The expression with each join replaced by its text."""
    if isinstance(expression, list):
        return [_joined(item, params) for item in expression]
    if not isinstance(expression, dict):
        return expression
    if "Fn::Join" in expression:
        separator, items = expression["Fn::Join"]
        return separator.join(_texts(items, params))
    return {key: _joined(value, params) for key, value in expression.items()}


def _texts(value, params: dict) -> list[str]:
    if isinstance(value, list):
        return [text for item in value for text in _texts(item, params)]
    if isinstance(value, dict) and value.get("Ref") in params:
        parameter = params[value["Ref"]]
        return parameter["Value"].split(",") if "List" in parameter["Type"] else [parameter["Value"]]
    # As in all conditions, the emulator does not support pseudo parameters.
    return [str(value.get("Ref") if isinstance(value, dict) else value)]
