<?php

declare(strict_types=1);

namespace Offhook\Methods;

use Offhook\Http\BaseUrl;
use Offhook\Keep;
use Offhook\Script;

/** Numbers that are yours, and where their calls go. */
trait Subscriptions
{
    /**
     * Take a number; its first 30 days are charged at once.
     *
     * @return array<string, mixed>
     */
    public function subscribeDin(string $dinUid, ?string $actionUrl = null, ?string $idempotencyKey = null): array
    {
        $fields = ['din_uid' => $dinUid] + ($actionUrl === null ? [] : ['action_url' => $actionUrl]);
        return $this->api->post('/voice/dins/subscriptions/', $fields, $idempotencyKey);
    }

    /** @return list<array<string, mixed>> */
    public function getSubscriptionList(): array
    {
        return $this->api->list('/voice/dins/subscriptions/');
    }

    /** @return array<string, mixed> */
    public function getSubscription(string $dinUid): array
    {
        return $this->api->get(BaseUrl::path('/voice/dins/subscriptions/%s/', $dinUid));
    }

    /**
     * Find out what a call of the number would meet, and what to do. Its action server is asked, nobody is called.
     *
     * It takes as long as that server and its sounds do; an account may ask for one in a hundred requests' time.
     *
     * @return array<string, mixed>
     */
    public function getDiagnosis(string $dinUid): array
    {
        return $this->api->get(BaseUrl::path('/voice/dins/subscriptions/%s/diagnosis/', $dinUid));
    }

    /** @return array<string, mixed> */
    public function setActionUrl(string $dinUid, ?string $url, ?string $idempotencyKey = null): array
    {
        return $this->setUrls($dinUid, actionUrl: $url, idempotencyKey: $idempotencyKey);
    }

    /**
     * Set where calls go: `setUrls($dinUid, fallbackUrl: 'https://...', defaultAction: null)`.
     *
     * What is not named stays as it is; null takes a value away.
     *
     * @return array<string, mixed>
     */
    public function setUrls(
        string $dinUid,
        string|Keep|null $actionUrl = Keep::AsItIs,
        string|Keep|null $fallbackUrl = Keep::AsItIs,
        string|Script|Keep|null $defaultAction = Keep::AsItIs,
        ?string $idempotencyKey = null,
    ): array {
        $defaultAction = $defaultAction instanceof Script ? $defaultAction->text() : $defaultAction;
        $fields = ['action_url' => $actionUrl, 'fallback_url' => $fallbackUrl, 'default_action' => $defaultAction];
        $said = array_filter($fields, static fn (string|Keep|null $value): bool => $value !== Keep::AsItIs);
        return $this->api->post(BaseUrl::path('/voice/dins/subscriptions/%s/', $dinUid), $said, $idempotencyKey);
    }

    /**
     * Give a number back.
     *
     * @return array<string, mixed>
     */
    public function unsubscribeDin(string $dinUid): array
    {
        return $this->api->delete(BaseUrl::path('/voice/dins/subscriptions/%s/', $dinUid));
    }
}
