<?php

declare(strict_types=1);

namespace Offhook\Methods;

use Offhook\Http\BaseUrl;
use Offhook\Http\Query;
use Offhook\Script;

/** Calls that were, and calls that run. */
trait Calls
{
    /**
     * List calls, the newest first. Filters: since, until, number, caller, status, reason; limit is the size of a page.
     *
     * @return \Generator<int, array<string, mixed>>
     */
    public function getCallList(string|int|bool|\DateTimeInterface|null ...$filters): \Generator
    {
        return $this->api->pages('/voice/calls/', Query::of($filters));
    }

    /** @return array<string, mixed> */
    public function getCall(string $callId): array
    {
        return $this->api->get(BaseUrl::path('/voice/calls/%s/', $callId));
    }

    /**
     * Read what happened, moment by moment.
     *
     * @return list<array<string, mixed>>
     */
    public function getTimeline(string $callId): array
    {
        return $this->api->list(BaseUrl::path('/voice/calls/%s/timeline/', $callId));
    }

    /**
     * Let a running call do something else. The answer is a command: done, or to be read on by getCommand.
     *
     * @return array<string, mixed>
     */
    public function directCall(string $callId, string|Script $action, ?string $idempotencyKey = null): array
    {
        $text = $action instanceof Script ? $action->text() : $action;
        return $this->api->post(BaseUrl::path('/voice/calls/%s/', $callId), ['action' => $text], $idempotencyKey);
    }

    /** @return array<string, mixed> */
    public function hangUpCall(string $callId, ?string $idempotencyKey = null): array
    {
        return $this->api->post(BaseUrl::path('/voice/calls/%s/', $callId), ['status' => 'completed'], $idempotencyKey);
    }

    /** @return array<string, mixed> */
    public function getCommand(string $callId, string $commandId): array
    {
        return $this->api->get(BaseUrl::path('/voice/calls/%s/commands/%s/', $callId, $commandId));
    }
}
