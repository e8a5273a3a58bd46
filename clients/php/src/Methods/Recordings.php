<?php

declare(strict_types=1);

namespace Offhook\Methods;

use Offhook\Errors\WrongArgument;
use Offhook\Http\BaseUrl;
use Offhook\Http\Query;

/** What callers said. */
trait Recordings
{
    /**
     * List recordings, the newest first. Filters: since, until, number, heard; limit is the size of a page.
     *
     * @return \Generator<int, array<string, mixed>>
     */
    public function getRecordingList(string|int|bool|\DateTimeInterface|null ...$filters): \Generator
    {
        return $this->api->pages('/voice/recordings/', Query::of($filters));
    }

    /** @return array<string, mixed> */
    public function getRecording(string $recordingUid): array
    {
        return $this->api->get(BaseUrl::path('/voice/recordings/%s/', $recordingUid));
    }

    /**
     * Mark a recording as heard, or take the mark away.
     *
     * @return array<string, mixed>
     */
    public function markRecording(string $recordingUid, bool $heard = true, ?string $idempotencyKey = null): array
    {
        $path = BaseUrl::path('/voice/recordings/%s/', $recordingUid);
        return $this->api->post($path, ['heard' => $heard], $idempotencyKey);
    }

    /**
     * Make links that play the recording for an hour without an API user.
     *
     * @return array<string, mixed>
     */
    public function getRecordingLink(string $recordingUid): array
    {
        return $this->api->get(BaseUrl::path('/voice/recordings/%s/link/', $recordingUid));
    }

    /** Return the whole sound, as `wav` or `mp3`. */
    public function getRecordingAudio(string $recordingUid, string $format = 'wav'): string
    {
        if ($format !== 'wav' && $format !== 'mp3') {
            throw new WrongArgument('A recording is had as "wav" or as "mp3".');
        }
        return $this->api->audio(BaseUrl::path("/voice/recordings/%s/audio.$format", $recordingUid));
    }

    /** @return array<string, mixed> */
    public function deleteRecording(string $recordingUid): array
    {
        return $this->api->delete(BaseUrl::path('/voice/recordings/%s/', $recordingUid));
    }
}
