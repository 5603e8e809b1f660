<?php
/*
Plugin Name: Comments by the moderation service
Description: Below posts, the comments of this site's moderation service in place of WordPress's own.
Requires PHP: 7.4
License: Apache-2.0
*/

// What wp-config.php defines; without it everything stays as WordPress has it.
if (!defined('MODERATION_ADDRESS') || !defined('MODERATION_SITE') || !defined('MODERATION_SECRET')) {
    return;
}

// A classic theme asks for a template, a theme of blocks for a block.
add_filter('comments_template', function (string $template): string {
    return get_post_type() === 'post' ? __DIR__ . '/comments.php' : $template;
});
add_filter('render_block_core/comments', function (string $block): string {
    return get_post_type() === 'post' ? moderation_comments() : $block;
});

// Nothing more is taken by WordPress itself, whichever way it comes: by its form, REST, XML-RPC, or
// as a pingback. Comments on posts are not closed for that: themes would show none at all.
add_filter('pre_comment_approved', function ($approved, array $comment) {
    if (get_post_type((int) $comment['comment_post_ID']) !== 'post') {
        return $approved;
    }
    return new WP_Error('moderation_comments', 'Comments are written below the article.', 403);
}, 10, 2);

// Asked for by the script, and not in the page: a cache may keep that for everybody.
add_action('wp_ajax_moderation_token', function (): void {
    $reader = wp_get_current_user();
    wp_send_json(['token' => moderation_token((string) $reader->ID, $reader->display_name)]);
});
add_action('wp_ajax_nopriv_moderation_token', function (): void {
    wp_send_json(new stdClass());
});

function moderation_comments(): string
{
    // What stands there anybody may read, who has no password either.
    if (get_post_status() !== 'publish' || get_post()->post_password !== '') {
        return '';
    }
    $story = (string) get_the_ID(); // as the import names it
    return sprintf(
        '<div id="comments" class="comments-area"><noscript><a href="%s">Read the comments</a></noscript></div>'
        . '<script src="%s" data-site="%s" data-story="%s" data-title="%s" data-url="%s"'
        . ' data-token-url="%s" data-sign-in="%s" async></script>',
        esc_url(MODERATION_ADDRESS . '/embed/' . MODERATION_SITE . '/' . $story),
        esc_url(MODERATION_ADDRESS . '/embed.js'),
        esc_attr(MODERATION_SITE),
        esc_attr($story),
        esc_attr(wp_strip_all_tags(get_the_title())),
        esc_url(get_permalink()),
        // Relative: from another origin the browser would send no cookies along.
        esc_url(admin_url('admin-ajax.php?action=moderation_token', 'relative')),
        esc_url(wp_login_url(get_permalink()))
    );
}

function moderation_token(string $reader, string $name): string
{
    $part = fn (string $raw): string => rtrim(strtr(base64_encode($raw), '+/', '-_'), '=');
    $now = time();
    $claims = ['aud' => MODERATION_SITE, 'sub' => $reader, 'name' => $name, 'iat' => $now, 'exp' => $now + 600];
    $signed = $part('{"alg":"HS256","typ":"JWT"}') . '.' . $part(wp_json_encode($claims));
    return $signed . '.' . $part(hash_hmac('sha256', $signed, MODERATION_SECRET, true));
}
