<?php

declare(strict_types=1);

namespace Offhook\Http;

use Offhook\Errors\NetworkError;
use Offhook\Errors\UnexpectedAnswer;
use Offhook\Errors\WrongArgument;
use Offhook\Retries;

/** Sends requests until they are answered, and turns what is no success into errors. */
final class Api
{
    private const JSON = ['Accept' => 'application/json'];
    private const MOST_JSON_BYTES = 64 * 1024 * 1024;
    /** Four hours of the platform's WAV, twice. */
    private const MOST_AUDIO_BYTES = 512 * 1024 * 1024;
    /** More than anybody reads. */
    private const MOST_PAGES = 100_000;
    /** How many times as long as all else a recording may take. */
    private const AUDIO_PATIENCE = 20;
    private const AGAIN = [429, 503];

    public function __construct(
        private readonly BaseUrl $base,
        private readonly Credentials $credentials,
        private readonly Transport $transport,
        private readonly Retries $retries,
        private readonly float $timeoutS,
    ) {
        if (!is_finite($timeoutS) || $timeoutS <= 0) {
            throw new WrongArgument('timeoutS is a number of seconds, more than 0.');
        }
    }

    /** @return array<string, mixed> */
    public function get(string $path, string $query = ''): array
    {
        return $this->document($this->request('GET', $path, $query));
    }

    /**
     * @param array<string, mixed> $fields
     * @return array<string, mixed>
     */
    public function post(string $path, array $fields, ?string $idempotencyKey): array
    {
        $headers = ['Idempotency-Key' => IdempotencyKey::of($idempotencyKey)];
        return $this->document($this->request('POST', $path, headers: $headers, body: self::json((object) $fields)));
    }

    /** @return array<string, mixed> */
    public function put(string $path, array|object $document): array
    {
        return $this->document($this->request('PUT', $path, body: self::json($document)));
    }

    /** @return array<string, mixed> */
    public function delete(string $path): array
    {
        return $this->document($this->request('DELETE', $path));
    }

    /** @return list<array<string, mixed>> */
    public function list(string $path): array
    {
        $request = $this->request('GET', $path);
        return Answer::list($request, $this->send($request));
    }

    /**
     * Yield every entry of a list, page after page; the next page is asked for when it is needed.
     *
     * @return \Generator<int, array<string, mixed>>
     */
    public function pages(string $path, string $query): \Generator
    {
        $seen = [];
        do {
            $seen[$query] = true;
            $request = $this->request('GET', $path, $query);
            $response = $this->send($request);
            foreach (Answer::list($request, $response) as $entry) {
                yield $entry;
            }
            $query = NextPage::query($response);
            if ($query !== null && (isset($seen[$query]) || count($seen) >= self::MOST_PAGES)) {
                $what = 'its pages go round in a circle, or have no end. Is there a cache between?';
                throw new UnexpectedAnswer($request->where(), $response->status, '', $what);
            }
        } while ($query !== null);
    }

    public function audio(string $path): string
    {
        $request = $this->request(
            'GET',
            $path,
            headers: ['Accept' => 'audio/*'],
            mostBytes: self::MOST_AUDIO_BYTES,
            patience: self::AUDIO_PATIENCE,
        );
        return Answer::audio($request, $this->send($request));
    }

    /** @return array<string, mixed> */
    private function document(Request $request): array
    {
        return Answer::document($request, $this->send($request));
    }

    /** Send a request, again if that may help, and return its success. */
    private function send(Request $request): Response
    {
        $waitedS = 0.0;
        for ($tries = 1; ; $tries++) {
            $wishedS = null;
            try {
                $response = $this->transport->send($request);
                if ($response->isSuccess()) {
                    return $response;
                }
                $error = Refusal::of($request, $response);
                $mayHelp = in_array($response->status, self::AGAIN, true);
                $wishedS = Refusal::retryAfterS($response);
            } catch (NetworkError $error) {
                $mayHelp = $error->fault->mayPassSoon();
            }
            $pauseS = $mayHelp ? $this->retries->pauseS($tries, $waitedS, $wishedS) : null;
            if ($pauseS === null) {
                throw $error;
            }
            $this->retries->sleep($pauseS);
            $waitedS += $pauseS;
        }
    }

    /** @param array<string, string> $headers */
    private function request(
        string $method,
        string $path,
        string $query = '',
        array $headers = [],
        ?string $body = null,
        int $mostBytes = self::MOST_JSON_BYTES,
        int $patience = 1,
    ): Request {
        $url = $this->base->url . $path . ($query === '' ? '' : "?$query");
        $headers += self::JSON + ['User-Agent' => 'offhook-client-php'];
        if ($body !== null) {
            $headers['Content-Type'] = 'application/json';
        }
        $keys = Documents::keys($method, $path);
        $timeoutS = $this->timeoutS * $patience;
        return new Request($method, $url, $this->credentials, $headers, $body, $timeoutS, $mostBytes, $keys);
    }

    private static function json(array|object $value): string
    {
        try {
            return json_encode($value, JSON_THROW_ON_ERROR | JSON_UNESCAPED_SLASHES | JSON_PRESERVE_ZERO_FRACTION);
        } catch (\JsonException $error) {
            throw new WrongArgument("This cannot be sent as JSON ({$error->getMessage()}). Is all text UTF-8?");
        }
    }
}
