<?php

declare(strict_types=1);

namespace Offhook\Http;

/**
 * What the API's documents always have, so that another program's JSON is not taken for one of them.
 *
 * A later version may add keys; those named here stay.
 */
final class Documents
{
    private const NUMBER = 'country_code day_cost din din_uid features minute_cost monthly_cost prefix';
    private const SIGNING = 'previous_secret_until sign_origins signed';

    /** Which document is the answer to which request; the first line that fits counts. */
    public const OF = [
        '~^\w+ /voice/dins/$~' => self::NUMBER,
        '~^\w+ /voice/dins/reservations/~' => self::NUMBER . ' reserved_until',
        '~/diagnosis/$~' => 'at din din_uid findings verdict',
        '~/rules/preview/$~' => 'at local_time rule script time_zone why',
        '~/rules/$~' => 'din_uid rules url',
        '~^\w+ /voice/dins/subscriptions/~' => self::NUMBER
            . ' action_url default_action ended_at fallback_url renews_at status subscribed_at',
        '~^\w+ /voice/calls/[^/]+/timeline/$~' => 'at_ms code data kind text',
        '~^POST /voice/calls/|/commands/[^/]+/$~' => 'action call_id code command_id created_at done_at status',
        '~^\w+ /voice/calls/~' => 'actionurl answer_time apiuser call_id caller callid cost direction duration end_time'
            . ' reason recipient start_time status uuid',
        '~^\w+ /voice/recordings/[^/]+/link/$~' => 'expires_at mp3_url wav_url',
        '~^\w+ /voice/recordings/~' => 'call_id caller deleted_at din din_uid duration end_time heard heard_at'
            . ' kept_until mp3_url reason recording_uid size start_time status wav_url',
        '~^\w+ /account/$~' => 'available balance held minimum_credit name',
        '~/account/ledger/$~' => 'amount at balance call_id din id kind text',
        '~/account/usage/$~' => 'calls cost day din minutes seconds subscription_cost',
        '~/account/breakers/$~' => 'code node origin retry_at state text',
        '~^POST /account/signing/secret/$~' => self::SIGNING . ' secret',
        '~^\w+ /account/signing/~' => self::SIGNING,
    ];

    /**
     * Return the keys that an answer to this method and path, without a base, has, or each entry of one has.
     *
     * @return list<string>
     */
    public static function keys(string $method, string $path): array
    {
        foreach (self::OF as $shape => $keys) {
            if (preg_match($shape, "$method $path") === 1) {
                return explode(' ', $keys);
            }
        }
        return [];
    }
}
