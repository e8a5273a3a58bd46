<?php

declare(strict_types=1);

namespace Offhook\Http;

use Offhook\Errors\ApiError;
use Offhook\Errors\BadRequest;
use Offhook\Errors\Conflict;
use Offhook\Errors\Forbidden;
use Offhook\Errors\Gone;
use Offhook\Errors\KeyReused;
use Offhook\Errors\NotEnoughCredit;
use Offhook\Errors\NotFound;
use Offhook\Errors\OffhookError;
use Offhook\Errors\Throttled;
use Offhook\Errors\Unauthorized;
use Offhook\Errors\Unavailable;

/** From an answer that is no success to its error. Read `KINDS` first: it is the whole table. */
final class Refusal
{
    /** @var array<int, array{class-string<ApiError>, string}> status: error, and what to do */
    private const KINDS = [
        400 => [BadRequest::class, 'Correct the request.'],
        401 => [Unauthorized::class, 'Check the SID and the auth token.'],
        402 => [NotEnoughCredit::class, 'Top up the account.'],
        403 => [Forbidden::class, 'Ask whoever runs the platform.'],
        404 => [NotFound::class, 'Check the id.'],
        409 => [Conflict::class, 'Choose another one, or wait.'],
        410 => [Gone::class, 'It does not come back.'],
        422 => [KeyReused::class, 'Use a new idempotency key for a new request.'],
        429 => [Throttled::class, 'Ask less often.'],
        503 => [Unavailable::class, 'Try again later, with the same idempotency key.'],
    ];
    private const OTHERS_OF_OURS = [ApiError::class, 'Correct the request.'];
    private const OTHERS = [ApiError::class, 'Try again later, and tell whoever runs the platform if it stays.'];
    private const LONGEST_WAIT_S = 86400.0;

    public static function of(Request $request, Response $response): OffhookError
    {
        $said = json_decode($response->body, true);
        if (!is_array($said) || $response->status < 400) {
            return Answer::unexpected($request, $response, 'an answer of the API');
        }
        $other = $response->status < 500 ? self::OTHERS_OF_OURS : self::OTHERS;
        [$kind, $advice] = self::KINDS[$response->status] ?? $other;
        $code = self::word($said, 'code');
        $fields = [];
        $detail = self::word($said, 'detail');
        if ($detail === null) {
            $fields = $response->status === 400 ? self::fields($said) : [];
            if ($fields === []) {
                return Answer::unexpected($request, $response, 'an answer of the API');
            }
            $detail = self::sentences($fields);
        }
        $detail = $request->credentials->mask($detail);
        $help = self::word($said, 'help');
        $named = $code === null ? (string) $response->status : "$response->status $code";
        $end = preg_match('/[.!?]\s*\z/', $detail) === 1 ? '' : '.';
        $see = $help === null ? '' : " See $help";
        $message = "{$request->where()} was refused ($named): $detail$end $advice$see";
        return new $kind($message, $response->status, $code, $detail, $fields, $help, self::retryAfterS($response));
    }

    /** Read `Retry-After`: seconds, or a date (RFC 9110 section 10.2.3). */
    public static function retryAfterS(Response $response): ?float
    {
        $said = $response->header('retry-after');
        if (preg_match('/^[0-9]{1,9}\z/', $said) === 1) {
            return (float) $said;
        }
        $at = $said === '' ? false : \DateTimeImmutable::createFromFormat('D, d M Y H:i:s T', $said);
        return $at === false ? null : min(self::LONGEST_WAIT_S, max(0.0, $at->getTimestamp() - microtime(true)));
    }

    /** @param array<array-key, mixed> $said */
    private static function word(array $said, string $name): ?string
    {
        $value = $said[$name] ?? null;
        return is_string($value) && $value !== '' ? $value : null;
    }

    /**
     * Read `{"<field>": ["sentence", ...]}`; nothing if it is not of this form.
     *
     * @param array<array-key, mixed> $said
     * @return array<string, list<string>>
     */
    private static function fields(array $said): array
    {
        $fields = [];
        foreach ($said as $field => $sentences) {
            $sentences = is_string($sentences) ? [$sentences] : $sentences;
            if (!is_array($sentences) || $sentences === [] || array_filter($sentences, is_string(...)) !== $sentences) {
                return [];
            }
            $fields[(string) $field] = array_values($sentences);
        }
        return $fields;
    }

    /** @param array<string, list<string>> $fields */
    private static function sentences(array $fields): string
    {
        $said = [];
        foreach ($fields as $field => $sentences) {
            $said[] = "$field: " . implode(' ', $sentences);
        }
        return implode(' ', $said);
    }
}
