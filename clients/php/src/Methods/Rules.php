<?php

declare(strict_types=1);

namespace Offhook\Methods;

use Offhook\Http\BaseUrl;
use Offhook\Http\Query;

/** Hosted rules: what a number does with its calls without an action server. */
trait Rules
{
    /**
     * Let these rules decide, in place of an action URL and of the rules that were there.
     *
     * @param array<string, mixed>|object $document as JSON has it, scripts as text or as Script; `{}` is `new \stdClass()`
     * @return array<string, mixed>
     */
    public function setRules(string $dinUid, array|object $document): array
    {
        return $this->api->put(BaseUrl::path('/voice/dins/subscriptions/%s/rules/', $dinUid), $document);
    }

    /** @return array<string, mixed> */
    public function getRules(string $dinUid): array
    {
        return $this->api->get(BaseUrl::path('/voice/dins/subscriptions/%s/rules/', $dinUid));
    }

    /**
     * Ask what would happen with a call, and why.
     *
     * @param \DateTimeInterface|string|null $at when it comes; now if it is null
     * @return array<string, mixed>
     */
    public function previewRules(
        string $dinUid,
        \DateTimeInterface|string|null $at = null,
        ?string $caller = null,
        bool $anonymous = false,
    ): array {
        $query = Query::of(['at' => $at, 'caller' => $caller, 'anonymous' => $anonymous ? '1' : null]);
        return $this->api->get(BaseUrl::path('/voice/dins/subscriptions/%s/rules/preview/', $dinUid), $query);
    }

    /** @return array<string, mixed> */
    public function deleteRules(string $dinUid): array
    {
        return $this->api->delete(BaseUrl::path('/voice/dins/subscriptions/%s/rules/', $dinUid));
    }
}
