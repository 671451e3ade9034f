"""A task becomes a proposal by way of the OpenAI Agents SDK.

The SDK runs the loop; the tools stage edits on a draft; memory goes into each call by
`call_model_input_filter`, so that it is never saved with the conversation. Tracing, which would
send the conversation to a third party, is off.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

import openai
from agents import (
    Agent,
    AgentsException,
    Model,
    ModelSettings,
    OpenAIProvider,
    RunConfig,
    Runner,
    TResponseInputItem,
    set_tracing_disabled,
)
from agents.exceptions import MaxTurnsExceeded, ModelBehaviorError
from agents.models.default_models import get_default_model
from agents.run_config import (
    CallModelData,
    ModelInputData,
    ToolErrorFormatterArgs,
    ToolExecutionConfig,
)

from alma_agent.config import ModelChoice
from alma_agent.errors import AlmaError, LimitReached, ModelUnavailable
from alma_agent.ports import ModelTools, Observer
from alma_agent.proposer.limits import Meter
from alma_agent.proposer.memory_tools import memory_tools
from alma_agent.proposer.prompts import (
    INSTRUCTIONS,
    first_message,
    recalled_message,
    try_again_message,
)
from alma_agent.proposer.tools import (
    Desk,
    outline_or_nothing,
    parameters,
    told_to_model,
    tools,
)
from alma_agent.records import Proposal, Task
from alma_agent.remembered import Recollection
from toolset.checks import require_parsing
from toolset.draft import Draft
from toolset.errors import DoesNotParse, SpillsOver
from toolset.spills import require_no_spill
from toolset.workspace import Workspace

_MENDS = 2


class Orchestrator:
    """Proposes what a model makes of a task. `model` is for tests; else `choice` names it.

    `memory` is what the model may ask and tell the memory.
    """

    def __init__(
        self,
        workspace: Workspace,
        choice: ModelChoice,
        observer: Observer,
        *,
        memory: ModelTools | None = None,
        model: Model | None = None,
    ) -> None:
        set_tracing_disabled(True)
        # The SDK logs each failed call; alma tells the failure itself, once.
        logging.getLogger("openai.agents").addHandler(logging.NullHandler())
        self._workspace = workspace
        self._choice = choice
        self._observer = observer
        self._model_name = choice.name or get_default_model()
        self._model = model
        self._tools = [*tools(), *(memory_tools(memory) if memory else ())]

    async def propose(self, task: Task, recollection: Recollection) -> Proposal:
        """Let the model work on a draft until it says that it is done.

        A draft that does not parse goes back to the model, twice at most. Raises LimitReached,
        ModelUnavailable, DoesNotParse, UsageError (see `Meter`).
        """
        meter = Meter(task.limits, self._model_name, self._choice.base_url, self._observer)
        draft = Draft(self._workspace)
        desk = Desk(draft, task.check, task.check_timeout_s, lambda: meter.seconds_left)
        message = first_message(task, outline_or_nothing(draft, task.file))
        try:
            async with asyncio.timeout(task.limits.seconds), self._client() as client:
                config = self._config(client, recollection)
                answer = await self._converse(message, desk, meter, config)
        except TimeoutError as error:
            raise LimitReached(
                f"The run stopped at its limit of {task.limits.seconds:g} seconds, after "
                f"{meter.usage.requests} calls. Nothing was written. Raise it with --max-seconds."
            ) from error
        except openai.OpenAIError as error:
            told = _explained(error, self._choice.where)
            # Some endpoints repeat the key in what they say, and what is said is remembered.
            raise ModelUnavailable(told.replace(self._choice.api_key, "[key]")) from error
        except MaxTurnsExceeded as error:
            raise LimitReached(
                f"{error}. Nothing was written. Raise it with --max-turns."
            ) from error
        except AgentsException as error:
            raise AlmaError(
                f"{self._model_name} answered something that makes no sense here: {error}. "
                "Nothing was written. Try again, or choose another model with --model."
            ) from error
        return Proposal(
            draft.changes(),
            answer.strip(),
            proposer=self._model_name,
            evidence=None if desk.edited_by_hand else desk.evidence,
            usage=meter.usage,
        )

    async def _converse(self, message: str, desk: Desk, meter: Meter, config: RunConfig) -> str:
        """Run the loop until the draft parses; return the model's last words."""
        items: list[TResponseInputItem] = [{"role": "user", "content": message}]
        mends = 0
        while True:
            answer, items = await self._run(items, desk, meter, config)
            try:
                require_parsing(desk.draft.changes())
                require_no_spill(desk.draft.changes())
            except (DoesNotParse, SpillsOver) as error:
                mends += 1
                if mends > _MENDS:
                    raise
                items = [*items, {"role": "user", "content": try_again_message(str(error))}]
            else:
                return answer

    async def _run(
        self,
        items: list[TResponseInputItem],
        desk: Desk,
        meter: Meter,
        config: RunConfig,
    ) -> tuple[str, list[TResponseInputItem]]:
        agent = Agent[Desk](
            name="alma",
            instructions=INSTRUCTIONS,
            tools=list(self._tools),
            model=self._model or self._model_name,
            model_settings=ModelSettings(parallel_tool_calls=False, include_usage=True),
        )
        # The meter counts over all runs of a task; the SDK's own count starts anew with each.
        turns = {"max_turns": None, "hooks": meter, "context": desk}
        with self._nonsense_explained():
            if not self._choice.stream:
                result: Any = await Runner.run(agent, items, run_config=config, **cast(Any, turns))
            else:
                result = Runner.run_streamed(agent, items, run_config=config, **cast(Any, turns))
                async for _ in result.stream_events():
                    pass  # the meter tells the observer; the stream must be drained to run at all
            last = result.raw_responses[-1]
            if not last.output and not last.usage.total_tokens:
                raise ValueError("nothing at all")
        return str(result.final_output or ""), result.to_input_list()

    @contextmanager
    def _nonsense_explained(self) -> Iterator[None]:
        """Say so when the endpoint sends a page, an empty stream, or half of an answer."""
        try:
            yield
        except (AlmaError, openai.OpenAIError, AgentsException):
            raise
        except Exception as error:  # the SDK lets whatever it stumbles over pass
            raise ModelUnavailable(
                f"{self._choice.where} sent something that is no answer of a model "
                f"({type(error).__name__}: {error}). Nothing was written. Check OPENAI_BASE_URL "
                "(most end in /v1) and --model, or try again."
            ) from error

    def _client(self) -> openai.AsyncOpenAI:
        return openai.AsyncOpenAI(
            api_key=self._choice.api_key,
            base_url=self._choice.base_url,
            # A redirect would send the conversation to a host that nobody chose.
            http_client=openai.DefaultAsyncHttpxClient(follow_redirects=False),
        )

    def _config(self, client: openai.AsyncOpenAI, recollection: Recollection) -> RunConfig:
        provider = OpenAIProvider(openai_client=client, use_responses=self._choice.uses_responses)
        return RunConfig(
            model_provider=provider,
            tracing_disabled=True,
            call_model_input_filter=_with_memories(recollection),
            tool_error_formatter=self._tool_error,
            tool_not_found_behavior="return_error_to_model",
            tool_execution=ToolExecutionConfig(max_function_tool_concurrency=1),
        )

    def _tool_error(self, arguments: ToolErrorFormatterArgs[Any]) -> str | None:
        if isinstance(arguments.error, ModelBehaviorError):  # the SDK keeps back what was wrong
            takes = parameters(arguments.tool_name)
            return f"The arguments of {arguments.tool_name} do not fit. It takes, as JSON: {takes}."
        if arguments.error is not None:
            return told_to_model(arguments.error)
        if arguments.kind == "tool_not_found":
            names = ", ".join(tool.name for tool in self._tools)
            return f"There is no tool {arguments.tool_name}. The tools are: {names}."
        return None


def _with_memories(recollection: Recollection) -> Any:
    """Return a filter that puts the memories before the conversation, at every call."""

    def add(data: CallModelData[Any]) -> ModelInputData:
        if not recollection.memories:
            return data.model_data
        told: TResponseInputItem = {"role": "user", "content": recalled_message(recollection)}
        return ModelInputData(
            input=[told, *data.model_data.input], instructions=data.model_data.instructions
        )

    return add


def _explained(error: openai.OpenAIError, where: str) -> str:
    match error:
        case openai.AuthenticationError() | openai.PermissionDeniedError():
            return f"{where} does not accept the key. Nothing was written. Check OPENAI_API_KEY."
        case openai.APITimeoutError():
            return f"{where} did not answer in time. Nothing was written. Try again."
        case openai.APIConnectionError():
            return (
                f"{where} cannot be reached. Nothing was written. Check the network and "
                "OPENAI_BASE_URL."
            )
        case openai.NotFoundError():
            return (
                f"{where} does not know the model or the address ({error.message}). Nothing was "
                "written. Check --model and OPENAI_BASE_URL."
            )
        case openai.RateLimitError():
            return f"{where} refuses for now: {error.message}. Nothing was written. Try later."
    return f"{where} failed: {error}. Nothing was written. Try again."
